import { useEffect, useRef, useState, type ReactNode } from "react";
import { useLocation } from "react-router";
import { SITE } from "../site";

/** The heading of a page. Takes the focus when the page opens, so that a screen reader says where one is. */
export function PageHeading({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  // Kept from the first moment: the address also changes while one types into a search field.
  const [openedDirectly] = useState(key === "default");

  useEffect(() => {
    // On a first visit the browser itself announces the page.
    if (!openedDirectly) heading.current?.focus();
  }, [openedDirectly]);

  return (
    <div className="page-heading">
      <title>{`${title} · ${SITE.name}`}</title>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
