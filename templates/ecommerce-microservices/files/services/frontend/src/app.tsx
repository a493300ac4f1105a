import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { Navigate, Route, Routes } from "react-router";
import { RequireSession, SignedOutOnly } from "./auth/guards";
import { Layout } from "./components/layout";
import { SiteNav } from "./components/site-nav";
import { CartPage } from "./pages/cart";
import { CataloguePage } from "./pages/catalogue";
import { CheckoutPage } from "./pages/checkout";
import { NotFoundPage } from "./pages/not-found";
import { OrderDetailPage } from "./pages/order-detail";
import { OrderListPage } from "./pages/order-list";
import { ProductPage } from "./pages/product";
import { RegisterPage } from "./pages/register";
import { SignInPage } from "./pages/sign-in";
import { StockDetailPage } from "./pages/stock-detail";
import { StockListPage } from "./pages/stock-list";

export function App({ queryClient }: { readonly queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <Routes>
        <Route
          element={
            <Layout>
              <SiteNav />
            </Layout>
          }
        >
          <Route index element={<Navigate to="/products" replace />} />
          <Route path="products" element={<CataloguePage />} />
          <Route path="products/:id" element={<ProductPage />} />
          <Route path="cart" element={<CartPage />} />
          <Route element={<SignedOutOnly />}>
            <Route path="sign-in" element={<SignInPage />} />
            <Route path="register" element={<RegisterPage />} />
          </Route>
          <Route element={<RequireSession />}>
            <Route path="checkout" element={<CheckoutPage />} />
            <Route path="orders" element={<OrderListPage />} />
            <Route path="orders/:id" element={<OrderDetailPage />} />
            <Route path="stock" element={<StockListPage />} />
            <Route path="stock/:id" element={<StockDetailPage />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </QueryClientProvider>
  );
}
