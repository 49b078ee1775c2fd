/** Columns with their types and categories. */
import type { Column } from "../../api/types";
import { ShortList } from "./short-list";
import styles from "./table.module.css";

export function ColumnTable({ columns }: { columns: readonly Column[] }) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Categories</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name}>
              <td>{column.name}</td>
              <td>{column.dtype}</td>
              <td>
                {column.categories.length > 0 ? (
                  <ShortList items={column.categories} total={column.n_categories ?? column.categories.length} />
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
