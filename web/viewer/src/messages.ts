/** What the viewer tells the page that frames it. */
import type { VitessceConfig } from "./config";
import type { Problem } from "./problem";

export type ViewerMessage =
  | { source: "vitrina-viewer"; type: "ready" }
  | { source: "vitrina-viewer"; type: "problem"; problem: Problem }
  /** The user moved, zoomed, selected, ...: the config with the state of every view. */
  | { source: "vitrina-viewer"; type: "view-state"; config: VitessceConfig };

/** Send a message to the framing page if there is one of our own origin. */
export function postToParent(message: ViewerMessage): void {
  if (window.parent !== window) window.parent.postMessage(message, window.location.origin);
}
