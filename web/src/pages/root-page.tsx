/** The frame around every page, with the instance's name. */
import { getHealth } from "../api/health";
import { useResource } from "../lib/use-resource";
import { Frame } from "../ui/frame";

export function RootPage() {
  const health = useResource(getHealth);
  const known = health.status === "ready" ? health.value : null;
  return <Frame name={known?.name ?? null} version={known?.version ?? null} />;
}
