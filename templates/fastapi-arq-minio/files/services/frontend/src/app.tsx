import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { Navigate, Route, Routes } from "react-router";
import { RequireSession, SignedOutOnly } from "./auth/guards";
import { Layout } from "./components/layout";
import { LiveFiles } from "./components/live-files";
import { FileDetailPage } from "./pages/file-detail";
import { FileListPage } from "./pages/file-list";
import { NotFoundPage } from "./pages/not-found";
import { RegisterPage } from "./pages/register";
import { SignInPage } from "./pages/sign-in";

export function App({ queryClient }: { readonly queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<Navigate to="/files" replace />} />
          <Route element={<SignedOutOnly />}>
            <Route path="sign-in" element={<SignInPage />} />
            <Route path="register" element={<RegisterPage />} />
          </Route>
          <Route path="files" element={<RequireSession />}>
            <Route element={<LiveFiles />}>
              <Route index element={<FileListPage />} />
              <Route path=":id" element={<FileDetailPage />} />
            </Route>
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </QueryClientProvider>
  );
}
