/** The values of features, other than terms, that a dataset has. */
import type { FeatureValue } from "../../api/types";
import styles from "./feature-values.module.css";
import table from "./table.module.css";

export function FeatureValues({ values }: { values: readonly FeatureValue[] }) {
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Feature</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {values.map(({ feature, unit, value }) => (
            <tr key={`${feature} ${JSON.stringify(value)}`}>
              <td className={styles.name}>{feature}</td>
              <td className={styles.value}>
                <Value value={value} />
                {unit ? <span className={styles.unit}> {unit}</span> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Numbers, text and dates as they were given; what has parts as JSON. */
function Value({ value }: { value: unknown }) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.join(", ");
  return typeof value === "object" ? <code>{JSON.stringify(value)}</code> : String(value);
}
