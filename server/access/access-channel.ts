/** Every replica forgets what it knows of credentials when it hears this. */
export const accessChannel = 'stoa_access';
