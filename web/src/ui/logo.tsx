/** A cell held up in a frame. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.6"
      viewBox="0 0 24 24"
      width={size}
    >
      <rect height="18" rx="4" width="18" x="3" y="3" />
      <path d="m7.3 8.2 4.7 9.3 4.7-9.3" />
      <circle cx="12" cy="8.6" fill="currentColor" r="1.9" stroke="none" />
    </svg>
  );
}
