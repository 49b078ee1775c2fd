/** An image or label image: axes, pixel size, channels, levels. */
import type { ImageElement, LabelsElement } from "../../api/types";
import { formatShape } from "../../lib/format";
import { ChannelList } from "./channel-list";
import { describePixelSize } from "./element-text";
import { Part, Properties } from "./properties";
import styles from "./table.module.css";

export function ArrayDetails({ element }: { element: ImageElement | LabelsElement }) {
  const finest = element.levels[0];
  return (
    <>
      <Properties
        values={{
          Axes: element.axes.map(({ name }) => name).join(", "),
          "Pixel size": (finest && describePixelSize(element.axes, finest)) ?? "not given",
          "Data type": element.dtype,
          "Coordinate system": element.placements.map((placement) => placement.coordinate_system).join(", "),
          Path: element.path,
        }}
      />
      {element.kind === "image" && element.channels.length > 0 ? (
        <Part count={element.channels.length} title="Channels">
          <ChannelList channels={element.channels} />
        </Part>
      ) : null}
      {element.levels.length > 0 ? (
        <Part count={element.levels.length} title="Resolution levels">
          <LevelTable element={element} />
        </Part>
      ) : null}
    </>
  );
}

function LevelTable({ element }: { element: ImageElement | LabelsElement }) {
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Level</th>
            <th scope="col">Shape</th>
            <th scope="col">Chunk</th>
            <th scope="col">Pixel size</th>
          </tr>
        </thead>
        <tbody>
          {element.levels.map((level, index) => (
            <tr key={level.path}>
              <td>{index}</td>
              <td>{formatShape(level.shape)}</td>
              <td>{level.chunk_shape ? formatShape(level.chunk_shape) : "–"}</td>
              <td>{describePixelSize(element.axes, level) ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
