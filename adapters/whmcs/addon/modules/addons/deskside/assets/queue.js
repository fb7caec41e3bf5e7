// Above the agents' list of tickets: the queue in the order it should be taken.
(function () {
  'use strict';
  var EVERY_MS = 30000;
  var Deskside = window.Deskside;
  var place = Deskside && Deskside.place('deskside-list');
  if (!place) { return; }
  var words = place.config.words;
  var box = Deskside.element('details', 'deskside-fold');
  var list = Deskside.element('div');
  box.open = true;
  box.appendChild(Deskside.element('summary', 'deskside-title', words.queue));
  box.appendChild(list);

  Deskside.repeat(function () {
    Deskside.ask(place.config, 'queue').then(function (found) {
      if (!found.ok) { place.notice.textContent = found.denied ? words.denied : words.away; return; }
      place.notice.textContent = '';
      if (!box.parentNode) { place.body.appendChild(box); }
      Deskside.show(list, found.html);
    });
  }, EVERY_MS);
})();
