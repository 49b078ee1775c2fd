/** For addresses that lead nowhere. */
import { Link } from "react-router";
import { Notice } from "../ui/notice";

export function NotFoundPage() {
  return (
    <>
      <title>Not found · Vitrina</title>
      <Notice title="There is nothing at this address">
        <p>The page may have moved, or the address has a typing error.</p>
        <p>
          <Link to="/">See all datasets</Link>
        </p>
      </Notice>
    </>
  );
}
