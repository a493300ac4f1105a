import { createQueryClient } from "../api/query-client";
import { App } from "../app";
import { renderAt } from "./render-at";

/** The whole application at an address, as a user meets it. */
export const renderApp = (path: string) => renderAt(path, <App queryClient={createQueryClient()} />);
