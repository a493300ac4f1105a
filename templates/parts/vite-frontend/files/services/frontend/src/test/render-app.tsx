import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { createQueryClient } from "../api/query-client";
import { App } from "../app";

/** The whole application at an address, as a user meets it. */
export function renderApp(path: string) {
  let address = "";
  function Address() {
    const { pathname, search } = useLocation();
    address = pathname + search;
    return null;
  }

  render(
    <MemoryRouter initialEntries={[path]}>
      <App queryClient={createQueryClient()} />
      <Address />
    </MemoryRouter>,
  );
  return { user: userEvent.setup(), address: () => address };
}
