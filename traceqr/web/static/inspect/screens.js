// Screens by the first part of the address.

import { draftScreen } from "./steps.js";
import { entryScreen, serverScreen } from "./entry.js";
import { outboxScreen, recordsScreen } from "./lists.js";
import { phoneScreen } from "./phone.js";
import { scanScreen } from "./scanning.js";

export const SCREENS = { scan: scanScreen, records: recordsScreen, draft: draftScreen, entry: entryScreen, server: serverScreen, outbox: outboxScreen, phone: phoneScreen };
