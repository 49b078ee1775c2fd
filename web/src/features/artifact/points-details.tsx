/** Points such as transcripts. */
import type { PointsElement } from "../../api/types";
import { ColumnTable } from "./column-table";
import { Part, Properties } from "./properties";

export function PointsDetails({ element }: { element: PointsElement }) {
  return (
    <>
      <Properties
        values={{
          Coordinates: element.axes.join(", "),
          "Feature column": element.feature_key ?? null,
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
