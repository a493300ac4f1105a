import { Link } from "react-router";
import { PageHeading } from "../components/page-heading";
import { SITE } from "../site";

export function NotFoundPage({ what = "page" }: { readonly what?: string }) {
  return (
    <div className="empty">
      <PageHeading title="Not found" />
      <p>This {what} does not exist, or no longer.</p>
      <Link className="button" to={SITE.home}>
        {SITE.homeLabel}
      </Link>
    </div>
  );
}
