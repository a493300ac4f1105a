import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { Navigate, Route, Routes } from "react-router";
import { RequireSession, SignedOutOnly } from "./auth/guards";
import { Layout } from "./components/layout";
import { ArticleCreatePage } from "./pages/article-create";
import { ArticleDetailPage } from "./pages/article-detail";
import { ArticleEditPage } from "./pages/article-edit";
import { ArticleListPage } from "./pages/article-list";
import { NotFoundPage } from "./pages/not-found";
import { RegisterPage } from "./pages/register";
import { SignInPage } from "./pages/sign-in";

export function App({ queryClient }: { readonly queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <Routes>
        <Route element={<Layout />}>
          <Route index element={<Navigate to="/articles" replace />} />
          <Route element={<SignedOutOnly />}>
            <Route path="sign-in" element={<SignInPage />} />
            <Route path="register" element={<RegisterPage />} />
          </Route>
          <Route path="articles" element={<RequireSession />}>
            <Route index element={<ArticleListPage />} />
            <Route path="new" element={<ArticleCreatePage />} />
            <Route path=":id" element={<ArticleDetailPage />} />
            <Route path=":id/edit" element={<ArticleEditPage />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </QueryClientProvider>
  );
}
