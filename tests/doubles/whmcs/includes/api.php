<?php

use WhmcsDouble\Api\Gate;

require_once __DIR__ . '/../init.php';

Gate::answer();
