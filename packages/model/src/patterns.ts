/** DNS label: what Compose accepts as a service name and a resolver as a host name. */
export const DNS_LABEL = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const SECRET_NAME = /^[a-z][a-z0-9_]{0,62}$/;
export const ENV_NAME = /^[A-Z][A-Z0-9_]{0,127}$/;
export const OPTION_KEY = /^[a-z][a-zA-Z0-9]{0,39}$/;
/** A file that a manifest includes: plain words, so that none leads out of its folder; what is in files/ goes into the project. */
export const INCLUDED_FILE = /^(?!files\/)[a-z0-9][a-z0-9-]*(?:\/[a-z0-9][a-z0-9-]*)*\.yaml$/;
