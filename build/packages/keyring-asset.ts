/** What the code that asks the keyring is called inside of an executable. */
export const keyringAsset = 'keyring.node';
