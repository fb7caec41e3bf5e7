// A client's own ticket: place and time; on every page, the offer of pushes where Deskside has them.
(function () {
  'use strict';
  var EVERY_MS = 60000;
  var Deskside = window.Deskside;
  var place = Deskside && Deskside.place('deskside-client');
  if (!place) { return; }
  var config = place.config;

  function move() {
    var target = document.querySelector(config.selectors.clientPlace);
    if (target) { target.insertBefore(place.root, target.firstChild); }
  }

  if (config.ticket) {
    place.root.hidden = true;
    move();
    var look = function () {
      Deskside.ask(config, 'place').then(function (found) {
        if (!found.ok) { return; }
        Deskside.show(place.body, found.html);
        place.root.hidden = !found.html;
      });
    };
    Deskside.boosts(place, look);
    Deskside.repeat(look, EVERY_MS);
  }

  if (config.push) {
    // After the page, so that nothing waits for it; where there is no such script, nothing happens.
    var offer = function () {
      var options = window.DesksidePushOptions = window.DesksidePushOptions || {};
      options.identity = options.identity || config.identity;
      var script = document.createElement('script');
      script.async = true;
      script.src = config.push;
      document.body.appendChild(script);
    };
    if (document.readyState === 'complete') { offer(); } else { window.addEventListener('load', offer); }
  }
})();
