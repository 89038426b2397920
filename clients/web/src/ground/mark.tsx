/** A stoa: a roof on columns. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="7" className="mark-ground" />
      <path d="M6 12 16 6l10 6v2H6zM8 16h3v7H8zm6.5 0h3v7h-3zm6.5 0h3v7h-3zM6 24.5h20V27H6z" fill="#fff" />
    </svg>
  );
}
