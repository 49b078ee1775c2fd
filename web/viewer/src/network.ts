/** The viewer talks to its own server and to nobody else. */

/** Lists that Vitessce fetches for gene names and pathways: answered with nothing, at once, so that no view waits. */
const EMPTY_ANSWERS: readonly { address: RegExp; body: string; type: string }[] = [
  { address: /^https:\/\/data-1\.vitessce\.io\/genes_filtered\.json/, body: "{}", type: "application/json" },
  {
    address: /^https:\/\/storage\.googleapis\.com\/vitessce-demo-data\/enrichr-/,
    body: "",
    type: "text/csv",
  },
];

/** Whether a request to this address stays inside the page or goes to the page's own server. */
export function isLocal(url: URL, origin: string): boolean {
  return url.origin === origin || url.protocol === "data:" || url.protocol === "blob:";
}

/**
 * A `fetch` that never leaves the origin.
 *
 * @param fetch The browser's own.
 * @param base Address of the page.
 */
export function buildGuardedFetch(fetch: typeof window.fetch, base: URL): typeof window.fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, base);
    const empty = EMPTY_ANSWERS.find(({ address }) => address.test(url.href));
    if (empty) return new Response(empty.body, { headers: { "content-type": empty.type } });
    if (!isLocal(url, base.origin))
      throw new TypeError(`A request to ${url.origin} was refused: the viewer works offline.`);
    return fetch(input, init);
  };
}
