import { type Static, Type } from "typebox";

import type { User } from "./user.ts";
import { ROLES } from "./user.ts";

export const Credentials = Type.Object(
  { email: Type.String({ maxLength: 254, minLength: 1 }), password: Type.String({ maxLength: 128, minLength: 1 }) },
  { additionalProperties: false },
);

export const Registration = Type.Object(
  {
    email: Type.String({ maxLength: 254, format: "email" }),
    password: Type.String({ maxLength: 128, minLength: 1 }),
    display_name: Type.Optional(Type.String({ maxLength: 80 })),
  },
  { additionalProperties: false },
);

export const NewPassword = Type.Object(
  { current: Type.String({ maxLength: 128 }), password: Type.String({ maxLength: 128, minLength: 1 }) },
  { additionalProperties: false },
);

export const RoleName = Type.Enum(ROLES);

export const UserChange = Type.Object(
  { role: Type.Optional(RoleName), active: Type.Optional(Type.Boolean()) },
  { additionalProperties: false, minProperties: 1 },
);

export const UserView = Type.Object({
  id: Type.String(),
  email: Type.String(),
  display_name: Type.String(),
  role: RoleName,
  active: Type.Boolean(),
  version: Type.Integer(),
  created_at: Type.String(),
});

export const SessionView = Type.Object({ ...UserView.properties, csrf_token: Type.String() });

export function viewUser(user: User): Static<typeof UserView> {
  return {
    id: user._id,
    email: user.email,
    display_name: user.displayName,
    role: user.role,
    active: user.active,
    version: user.version,
    created_at: user.createdAt.toISOString(),
  };
}
