import { expect, test } from "vitest";
import { planPresentation, restoreLayout } from "./layout";

const LAYOUT = [
  { component: "spatialBeta", x: 0, y: 0, w: 6, h: 12 },
  { component: "featureList", x: 6, y: 0, w: 6, h: 12 },
];
const CONFIG = { version: "1.0.18", datasets: [], layout: LAYOUT };

test("a wide window shows the grid as it is", () => {
  expect(planPresentation(CONFIG, 1440)).toEqual({ config: CONFIG, nScreens: 1 });
});

test("a narrow window shows one view below the other, and scrolls", () => {
  const { config, nScreens } = planPresentation(CONFIG, 390);
  expect(config.layout).toEqual([
    { component: "spatialBeta", x: 0, y: 0, w: 12, h: 1 },
    { component: "featureList", x: 0, y: 1, w: 12, h: 1 },
  ]);
  expect(nScreens).toBeCloseTo(1.2);
  expect(CONFIG.layout).toEqual(LAYOUT);
});

test("a single view fills a narrow window", () => {
  const config = { ...CONFIG, layout: LAYOUT.slice(0, 1) };
  expect(planPresentation(config, 390)).toEqual({ config, nScreens: 1 });
});

test("the author's layout comes back from a stack, the user's from a grid", () => {
  const presented = planPresentation(CONFIG, 390).config;
  const moved = { ...presented, coordinationSpace: { spatialZoom: { A: 2 } } };
  expect(restoreLayout(moved, CONFIG, presented)).toEqual({ ...moved, layout: LAYOUT });
  expect(restoreLayout(moved, CONFIG, CONFIG)).toEqual(moved);
});
