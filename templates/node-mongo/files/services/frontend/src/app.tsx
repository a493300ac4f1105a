import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { Navigate, Route, Routes } from "react-router";
import { RequireSession, SignedOutOnly } from "./auth/guards";
import { Layout } from "./components/layout";
import { NotFoundPage } from "./pages/not-found";
import { RegisterPage } from "./pages/register";
import { SignInPage } from "./pages/sign-in";
import { TicketCreatePage } from "./pages/ticket-create";
import { TicketDetailPage } from "./pages/ticket-detail";
import { TicketEditPage } from "./pages/ticket-edit";
import { TicketListPage } from "./pages/ticket-list";
import { UserListPage } from "./pages/user-list";

export function App({ queryClient }: { readonly queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<Navigate to="/tickets" replace />} />
          <Route element={<SignedOutOnly />}>
            <Route path="sign-in" element={<SignInPage />} />
            <Route path="register" element={<RegisterPage />} />
          </Route>
          <Route element={<RequireSession />}>
            <Route path="tickets" element={<TicketListPage />} />
            <Route path="tickets/new" element={<TicketCreatePage />} />
            <Route path="tickets/:id" element={<TicketDetailPage />} />
            <Route path="tickets/:id/edit" element={<TicketEditPage />} />
            <Route path="accounts" element={<UserListPage />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </QueryClientProvider>
  );
}
