export { nodeHost } from "./host/host-node.ts";
