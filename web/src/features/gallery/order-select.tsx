/** How the datasets are sorted. */
import styles from "./order-select.module.css";
import { ORDERS } from "./query";

export function OrderSelect({ onChange, order }: { onChange: (order: string) => void; order: string }) {
  return (
    <select
      aria-label="Sort by"
      className={styles.select}
      onChange={({ target }) => onChange(target.value)}
      value={order}
    >
      {ORDERS.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}
