import type { BootDefect } from "./boot.ts";

const HOOK = "services/frontend/src/checkout/use-place-order.ts";
const FORM = "services/frontend/src/components/checkout-form.tsx";

/** Breaks of the pages, which only a browser sees. */
export const SHOP_WEB_DEFECTS: readonly BootDefect[] = [
  {
    id: "field-without-label",
    breaks: "the fields of the forms have lost their labels",
    caughtBy: "PLAT-4 axe finds nothing serious",
    apply: (p) => p.patch("services/frontend/src/components/field.tsx", "<label htmlFor={id}>{label}</label>", "<span>{label}</span>"),
  },
  {
    id: "double-click-two-orders",
    breaks: "a double click on the shop's button sends two orders",
    caughtBy: "SHOP-1 somebody who signed in buys",
    stack: "ecommerce-microservices",
    apply: (p) => {
      p.patch(HOOK, "if (underWay.current) return;", "");
      p.patch(FORM, "if (orderable && !busy)", "if (orderable)");
      p.patch(FORM, "disabled={busy || !orderable}", "disabled={!orderable}");
      p.patch(
        "services/frontend/src/checkout/attempt.ts",
        "if (open !== null) return open;",
        "if (open !== null && open.draft === draft) return open;",
      );
    },
  },
  {
    id: "expected-total-unsent",
    breaks: "the shop's pages do not say which total the customer saw",
    caughtBy: "SHOP-6 a price that changed",
    stack: "ecommerce-microservices",
    apply: (p) => p.patch("services/frontend/src/api/orders.ts", "body: draft,", "body: { ...draft, expected_total_cents: undefined },"),
  },
];
