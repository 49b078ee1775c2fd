/** The few pictures that the pages use, drawn on a grid of 20. They only ever accompany words. */

const PATHS = {
  check: "m4.5 10.5 3.5 3.5 7.5-8",
  chevron: "m7.5 5 5 5-5 5",
  copy: "M7.5 7.5h8v8h-8zM4.5 12.5v-8h8",
  download: "M10 3.5v9m-3.5-3.5 3.5 3.5 3.5-3.5M4 16.5h12",
  error: "M10 6.2v4.6m0 2.7v.1M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4Z",
  expand: "M11.5 4H16v4.5M16 4l-5.5 5.5M8.5 16H4v-4.5M4 16l5.5-5.5",
  file: "M5.5 2.8h6l3.5 3.5v11h-9.5zM11.5 2.8v3.5H15",
  folder: "M3 5.2h5l1.6 2H17v8.6H3z",
  info: "M10 9.2v4.6m0-7.3v.1M10 2.8a7.2 7.2 0 1 0 0 14.4 7.2 7.2 0 0 0 0-14.4Z",
  search: "M8.8 3.3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11Zm4 9.5 4 4",
  warning: "M10 7.5v3.7m0 2.6v.1M10 3.2 2.8 16h14.4Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth="1.5"
      viewBox="0 0 20 20"
      width={size}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
