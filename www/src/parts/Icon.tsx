/** Small pictures beside words; they never stand alone, so they are hidden from screen readers. */
const shapes = {
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3.3v9.4L12.5 8z",
  step: "M4 3.3v9.4L10.5 8zM12.5 3.5v9",
  stop: "M4 4h8v8H4z",
  check: "M3 8.5 6.5 12 13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  ring: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z",
  arc: "M8 2.5A5.5 5.5 0 1 1 2.5 8",
  chevron: "M6 3.5 10.5 8 6 12.5",
  upload: "M8 11V3M4.5 6 8 2.5 11.5 6M3 13.5h10",
  download: "M8 2.5V11M4.5 7.5 8 11l3.5-3.5M3 13.5h10",
  figures: "M3 13.5V9M8 13.5v-11M13 13.5v-7",
  back: "M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M6 3 2.7 6.5 6 10",
  bookmark: "M4.5 2.5h7v11L8 10.7l-3.5 2.8z",
  warning: "M8 2.5 14.3 13.5H1.7zM8 6.5v3.2M8 11.6v.2",
  info: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 7.3v3.6M8 5v.2",
  pencil: "M3 13l.6-2.8 7.6-7.6 2.2 2.2-7.6 7.6z",
  bin: "M3 4.5h10M6.5 4V2.8h3V4M4.3 4.5l.6 8.7h6.2l.6-8.7",
  shield: "M8 2.2 13 4v4c0 3-2.2 5-5 6-2.8-1-5-3-5-6V4zM5.7 8l1.7 1.7 3-3.3",
  inbox: "M2 9.5 4 3h8l2 6.5v3.5H2zM2 9.5h3.5l1 1.7h3l1-1.7H14",
  dots: "M3.5 8v.01M8 8v.01M12.5 8v.01",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  change: "M3 5.5h9M9.5 3 12 5.5M13 10.5H4M6.5 13 4 10.5",
  fork: "M4.5 2.5v11M4.5 9.5c0-3 7-1.5 7-5M9 6l2.5-2.5L14 6",
  pin: "M5.5 2.5h5M6.3 2.5v4.2L4.3 9h7.4l-2-2.3V2.5M8 9v4.5",
  box: "M2.5 3h11v3h-11zM3.5 6v7h9V6M6.5 8.5h3",
  cloud: "M2 2l12 12M5 5.2A3.6 3.6 0 0 0 4.5 12.5H12M7.5 4.3a4 4 0 0 1 4.3 3.5 2.5 2.5 0 0 1 2 3.3",
} as const;

export type IconName = keyof typeof shapes;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
