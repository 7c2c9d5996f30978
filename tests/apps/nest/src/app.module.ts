import { Controller, Get, Module, Post, Query } from "@nestjs/common";
import { RoomsGateway } from "./rooms.gateway.js";
import { StaffGateway } from "./staff.gateway.js";

@Controller()
class AppController {
  constructor(private readonly rooms: RoomsGateway) {}

  @Get("people")
  people(): Promise<string[]> {
    return this.rooms.people();
  }

  @Post("announce")
  announce(@Query("text") text: string): void {
    this.rooms.announce(text);
  }
}

@Module({
  controllers: [AppController],
  providers: [RoomsGateway, StaffGateway],
})
export class AppModule {}
