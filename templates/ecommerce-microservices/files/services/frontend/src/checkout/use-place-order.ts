import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { isCode } from "../api/errors";
import { orderKeys } from "../api/orders";
import { productKeys } from "../api/products";
import type { OrderDraft } from "../api/types";
import { useCart } from "../cart/use-cart";
import { attemptOf, attemptStore, beginAttempt } from "./attempt";
import { sendOrder } from "./send-order";

/** Placing an order, or asking again for one whose answer was lost. */
export function usePlaceOrder(owner: string) {
  const cart = useCart();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [retrying, setRetrying] = useState(false);
  const [resuming, setResuming] = useState(false);
  // The second click of a double click comes before the button is disabled.
  const underWay = useRef(false);

  const placing = useMutation({
    mutationFn: async (draft: OrderDraft) => {
      const mayHaveArrived = attemptOf(attemptStore.read(), owner) !== null;
      return await sendOrder(beginAttempt(owner, draft), { mayHaveArrived, onRetry: () => setRetrying(true) });
    },
    onSuccess: async (order) => {
      cart.clear();
      queryClient.setQueryData(orderKeys.detail(order.id), order);
      void queryClient.invalidateQueries({ queryKey: productKeys.all });
      void queryClient.invalidateQueries({ queryKey: [...orderKeys.all, "list"] });
      await navigate(`/orders/${order.id}`, { replace: true });
    },
    onError: (error) => {
      // What the page shows of stock and prices is no longer true.
      if (isCode(error, "out_of_stock", "price_changed")) void queryClient.invalidateQueries({ queryKey: productKeys.all });
      void queryClient.invalidateQueries({ queryKey: [...orderKeys.all, "list"] });
    },
    onSettled: () => {
      underWay.current = false;
      setRetrying(false);
    },
  });

  return {
    place: (draft: OrderDraft) => {
      if (underWay.current) return;
      underWay.current = true;
      setResuming(attemptOf(attemptStore.read(), owner) !== null);
      placing.mutate(draft);
    },
    placing: placing.isPending,
    /** What is being placed is an order from before. */
    resuming: placing.isPending && resuming,
    retrying,
    /** What was sent last: nobody should have to type it again. */
    draft: placing.variables ?? null,
    error: placing.error,
  };
}
