/** Observations with their annotations. */
import type { TableElement } from "../../api/types";
import { ColumnTable } from "./column-table";
import { Part, Properties } from "./properties";
import { ShortList } from "./short-list";

export function TableDetails({ element }: { element: TableElement }) {
  const { embeddings, matrix, obs_columns, region, var_columns, var_names } = element;
  return (
    <>
      <Properties
        values={{
          Matrix: matrix ? `${matrix.encoding}, ${matrix.dtype}` : null,
          Layers: element.layers.join(", "),
          Embeddings: embeddings.map(({ n_dims, name }) => `${name} (${n_dims})`).join(", "),
          Annotates: region.join(", "),
          "Instance column": element.instance_key ?? null,
          Positions: element.position_columns?.join(", ") ?? null,
          Path: element.path,
        }}
      />
      {obs_columns.length > 0 ? (
        <Part count={obs_columns.length} title={element.n_vars > 0 ? "Observation columns" : "Columns"}>
          <ColumnTable columns={obs_columns} />
        </Part>
      ) : null}
      {var_columns.length > 0 ? (
        <Part count={var_columns.length} title="Variable columns">
          <ColumnTable columns={var_columns} />
        </Part>
      ) : null}
      {var_names.length > 0 ? (
        <Part count={element.n_vars} title="Variables">
          <ShortList items={var_names} total={element.n_vars} />
        </Part>
      ) : null}
    </>
  );
}
