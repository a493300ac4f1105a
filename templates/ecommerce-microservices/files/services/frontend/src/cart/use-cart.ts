import { useSyncExternalStore } from "react";
import { useAccount } from "../api/account";
import type { Product } from "../api/types";
import { cartOf, cartStore, countOf, withProduct, withQuantity, without, type Cart, type CartLine } from "./cart";

export type UsedCart = {
  readonly lines: readonly CartLine[];
  readonly count: number;
  readonly add: (product: Product, quantity: number) => void;
  readonly setQuantity: (productId: number, quantity: number) => void;
  readonly remove: (productId: number) => void;
  readonly clear: () => void;
};

/** The cart of whoever is here, the same in every tab and after a reload. */
export function useCart(): UsedCart {
  const stored = useSyncExternalStore(cartStore.subscribe, cartStore.read);
  const account = useAccount();
  // While it is not known who is here, the cart stays whose it was.
  const owner = account === undefined ? stored.owner : (account?.id ?? null);
  const cart = cartOf(stored, owner);

  // From what is stored at that moment: another tab may have changed it.
  const change = (step: (cart: Cart) => Cart) => cartStore.write(step(cartOf(cartStore.read(), owner)));

  return {
    lines: cart.lines,
    count: countOf(cart),
    add: (product, quantity) => change((now) => withProduct(now, product, quantity)),
    setQuantity: (productId, quantity) => change((now) => withQuantity(now, productId, quantity)),
    remove: (productId) => change((now) => without(now, productId)),
    clear: () => change((now) => ({ ...now, lines: [] })),
  };
}
