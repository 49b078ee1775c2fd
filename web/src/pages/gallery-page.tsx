/** All datasets, or those that match: the state of the search is the address. */
import { useMemo } from "react";
import { useSearchParams } from "react-router";
import { Gallery } from "../features/gallery/gallery";
import { parseQuery, writeQuery } from "../features/gallery/query";

export function GalleryPage() {
  const [parameters, setParameters] = useSearchParams();
  const address = parameters.toString();
  const query = useMemo(() => parseQuery(new URLSearchParams(address)), [address]);
  return (
    <>
      <title>Vitrina</title>
      <Gallery
        onChange={(part) =>
          setParameters((current) => writeQuery({ ...parseQuery(current), ...part }), {
            flushSync: true, // a box that was ticked is never drawn without its tick
            replace: true,
          })
        }
        query={query}
      />
    </>
  );
}
