import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module.js";
import { PresenceAdapter } from "./presence.adapter.js";

const app = await NestFactory.create(AppModule, { logger: ["error", "warn"] });
app.useWebSocketAdapter(new PresenceAdapter(app));
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000);
const { port } = app.getHttpServer().address();
console.log(`http://localhost:${port}`);
