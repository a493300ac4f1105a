import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { createQueryClient } from "../api/query-client";
import { PageHeading } from "../components/page-heading";

export function renderAt(path: string, content: ReactNode) {
  let address = "";
  function Address() {
    const { pathname, search } = useLocation();
    address = pathname + search;
    return null;
  }

  render(
    <MemoryRouter initialEntries={[path]}>
      {content}
      <Address />
    </MemoryRouter>,
  );
  return { user: userEvent.setup(), address: () => address };
}

/** A piece in an empty page, without the application around it. */
export function renderPiece(piece: ReactNode) {
  const queryClient = createQueryClient();
  const page = (
    <QueryClientProvider client={queryClient}>
      <main>
        <PageHeading title="A page" />
        {piece}
      </main>
    </QueryClientProvider>
  );
  return { ...renderAt("/here", page), queryClient };
}
