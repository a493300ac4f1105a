import { NavLink, useLocation } from "react-router";
import { useAccount } from "../api/account";
import { useCart } from "../cart/use-cart";

/** Where one can go from everywhere. What an account may not open is not offered to it. */
export function SiteNav() {
  const account = useAccount();
  const { count } = useCart();
  const { pathname } = useLocation();

  return (
    <nav className="site-nav" aria-label="Main">
      <ul>
        <li>
          <NavLink to="/products">Products</NavLink>
        </li>
        <li>
          <NavLink to="/cart">
            Cart{" "}
            {count > 0 && (
              <span className="cart-count">
                {count} <span className="visually-hidden">{count === 1 ? "piece" : "pieces"}</span>
              </span>
            )}
          </NavLink>
        </li>
        {account && (
          <li>
            <NavLink to="/orders">Orders</NavLink>
          </li>
        )}
        {account?.role === "admin" && (
          <li>
            <NavLink to="/stock">Stock</NavLink>
          </li>
        )}
        {account === null && (
          <li className="site-nav-end">
            <NavLink to="/sign-in" state={pathname === "/sign-in" || pathname === "/register" ? null : { from: pathname }}>
              Sign in
            </NavLink>
          </li>
        )}
      </ul>
    </nav>
  );
}
