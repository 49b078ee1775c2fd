/** Channels with the colours in which they are drawn. */
import type { Channel } from "../../api/types";
import { formatNumber } from "../../lib/format";
import styles from "./channel-list.module.css";

export function ChannelList({ channels }: { channels: readonly Channel[] }) {
  return (
    <ul className={styles.channels}>
      {channels.map((channel) => (
        <li key={channel.name} title={describeWindow(channel)}>
          <span
            aria-hidden="true"
            className={styles.dot}
            style={{ background: channel.color_rgb ? `rgb(${channel.color_rgb.join(" ")})` : "transparent" }}
          />
          {channel.name}
        </li>
      ))}
    </ul>
  );
}

function describeWindow({ window }: Channel): string | undefined {
  return window ? `Shown from ${formatNumber(window[0])} to ${formatNumber(window[1])}` : undefined;
}
