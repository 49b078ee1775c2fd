/** Views below each other, for windows that are too narrow for a grid. */
import type { VitessceConfig } from "./config";

const MAX_NARROW_PX = 640;

/** Vitessce's grid has 12 columns. */
const N_COLUMNS = 12;

/** Part of the window's height that one of the stacked views gets. */
const SCREENS_PER_VIEW = 0.6;

export interface Presentation {
  /** What Vitessce is given. */
  config: VitessceConfig;
  /** Height of the whole grid in heights of the window. */
  nScreens: number;
}

/** The config as it is, or with its views stacked in their order when the window is narrow. */
export function planPresentation(config: VitessceConfig, windowWidth: number): Presentation {
  const { layout } = config;
  if (windowWidth > MAX_NARROW_PX || !Array.isArray(layout) || layout.length < 2) return { config, nScreens: 1 };
  const stacked = layout.map((view: object, index) => ({ ...view, x: 0, y: index, w: N_COLUMNS, h: 1 }));
  return { config: { ...config, layout: stacked }, nScreens: layout.length * SCREENS_PER_VIEW };
}

/**
 * What to keep of a config that Vitessce changed while it was presented: a stack is ours, not the author's.
 *
 * @param changed The state of every view.
 * @param original The config before it was presented.
 * @param presented The config that Vitessce was given.
 */
export function restoreLayout(
  changed: VitessceConfig,
  original: VitessceConfig,
  presented: VitessceConfig,
): VitessceConfig {
  return presented === original ? changed : { ...changed, layout: original.layout };
}
