import { DispatcherClient } from 'dispatcher/client';
import { showPage } from './page.js';

const server =
  new URLSearchParams(location.search).get('server') ?? `ws://${location.hostname}:5000/socket`;

showPage(new DispatcherClient({ url: server }));
