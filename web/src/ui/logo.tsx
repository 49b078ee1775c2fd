/** A cell under a glass dome. */
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
      <path d="M6 17.5v-6a6 6 0 0 1 12 0v6M3.5 17.5h17M6 20.8h12M12 5.5V3.2" />
      <circle cx="12" cy="13" fill="currentColor" r="2.6" stroke="none" />
    </svg>
  );
}
