/** A cell in a glass display case. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.5"
      viewBox="0 0 24 24"
      width={size}
    >
      <path d="M4.5 17V5.5A2.5 2.5 0 0 1 7 3h10a2.5 2.5 0 0 1 2.5 2.5V17M2.5 17h19v2.2a1.8 1.8 0 0 1-1.8 1.8H4.3a1.8 1.8 0 0 1-1.8-1.8Z" />
      <path d="M12 6.6c2.6 0 4.2 1.7 4.2 3.7 0 2.2-1.8 3.7-4.2 3.7s-4.2-1.5-4.2-3.7c0-2 1.6-3.7 4.2-3.7Z" />
      <circle cx="12.9" cy="10.4" fill="currentColor" r="1.3" stroke="none" />
    </svg>
  );
}
