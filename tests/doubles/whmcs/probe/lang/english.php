<?php

$_ADDONLANG['hello'] = 'Hello from the probe';
