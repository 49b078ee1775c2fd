/** How the datasets are sorted. */
import styles from "./order-select.module.css";
import { ORDERS } from "./query";

interface Props {
  /** Whether words are searched. */
  hasText: boolean;
  onChange: (order: string) => void;
  order: string;
}

export function OrderSelect({ hasText, onChange, order }: Props) {
  return (
    <select
      aria-label="Sort by"
      className={styles.select}
      onChange={({ target }) => onChange(target.value)}
      value={order}
    >
      {ORDERS.map(({ value, label, labelWithText = label }) => (
        <option key={value} value={value}>
          {hasText ? labelWithText : label}
        </option>
      ))}
    </select>
  );
}
