export { uwsHost } from "./host/host-uws.ts";
export type { UwsApp } from "./host/uws-api.ts";
