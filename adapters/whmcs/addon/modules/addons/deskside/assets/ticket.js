// An agent's ticket page: the panel, and the reply lock beside it.
(function () {
  'use strict';
  var EVERY_MS = 10000;
  var Deskside = window.Deskside;
  var place = Deskside && Deskside.place('deskside-ticket');
  if (!place) { return; }
  var lock = Deskside.lock(place);

  function look() {
    var at = lock ? lock.epoch() : 0;
    Deskside.ask(place.config, 'panel').then(function (found) {
      if (found.ok) { Deskside.show(place.body, found.html); }
      if (lock) { lock.seen(at, found); return; }
      Deskside.show(place.notice, found.ok ? found.lock_html : '');
      var words = place.config.words;
      var text = found.ok ? words.no_form : (found.denied ? words.denied : words.away);
      place.notice.appendChild(Deskside.element('p', 'deskside-quiet', text));
      place.notice.desksideShown = null;
    });
  }

  Deskside.boosts(place, look);
  Deskside.repeat(look, EVERY_MS);
})();
