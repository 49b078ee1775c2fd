/** Polygons or circles. */
import type { ShapesElement } from "../../api/types";
import { ColumnTable } from "./column-table";
import { Part, Properties } from "./properties";

export function ShapesDetails({ element }: { element: ShapesElement }) {
  return (
    <>
      <Properties
        values={{
          Geometry: element.geometry,
          "Coordinate system": element.placements.map((placement) => placement.coordinate_system).join(", "),
          Path: element.path,
        }}
      />
      {element.columns.length > 0 ? (
        <Part count={element.columns.length} title="Columns">
          <ColumnTable columns={element.columns} />
        </Part>
      ) : null}
    </>
  );
}
