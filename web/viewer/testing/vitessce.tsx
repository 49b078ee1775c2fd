/** Stands in for Vitessce in tests, which have no WebGL: shows what it was given, and lets a test change the view. */
import type { VitessceProps } from "vitessce";

export function Vitessce({ config, onConfigChange, theme }: VitessceProps) {
  return (
    <button onClick={() => onConfigChange?.({ ...config, name: "moved" })} type="button">
      {theme} {JSON.stringify(config)}
    </button>
  );
}
